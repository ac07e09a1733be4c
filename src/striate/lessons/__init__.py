"""The lessons of ``striate learn``: a file a topic says what is shown, out of the numbers that foundations compute."""
