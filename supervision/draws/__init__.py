"""Draws (抽检任务): a period's frozen list, the shares of two parties, and the tickets that follow."""
