"""Discipline and commendation (责任追究、表彰奖励), and appeals against them and against judgements (申诉)."""
