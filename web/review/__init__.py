"""The review room, at headquarters only: queue, player and scorecard on one screen."""
