"""A local AWS and Slack for the worker: see README.md beside this file."""
