"""A day of AMI releases on the local cloud, told as it happens: ``make demo``."""
