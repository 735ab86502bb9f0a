"""SSH and console processes: the only room that imports paramiko and pexpect."""
