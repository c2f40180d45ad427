"""职责清单 and 职责准入: what a town must do, how a new item comes into the grid, and which old
items each present one stands for."""
