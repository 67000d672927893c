"""The regulation (语音记录系统管理暂行办法): versions, clauses, and who has confirmed which."""
