"""What an experiment is: its plan, the folder its runs go to, and what their numbers say."""
