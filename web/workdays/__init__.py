"""The calendar of working days on the site."""
