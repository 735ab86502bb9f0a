"""The whole product on two real containers: commands as processes, the screen by keys."""
