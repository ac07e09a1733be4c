"""The mathematics before the first convolution: small exact functions, each with a trace of every quantity."""
