"""One file a topic: the options it takes, and the lesson that it makes of them."""
