"""Scorecards (评分表): the service norm as criteria with weights, in versions that never change once in force."""
