"""Years of messages in minutes: does the worker stay as small as it was? See __main__.py."""
