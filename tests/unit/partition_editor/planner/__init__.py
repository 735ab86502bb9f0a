"""Tests of the planner: recorded answers of real installers, invariants, and one example per rule."""
