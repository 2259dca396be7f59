"""What the tests stand on: real servers, the whole running system, a line that can be cut, a browser."""
