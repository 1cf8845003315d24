"""What the tools of the course share: reading masters, building student versions, grading."""
