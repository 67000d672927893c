"""What has a last day that somebody must keep: counted again, reminded of once a day, an incident once late."""
