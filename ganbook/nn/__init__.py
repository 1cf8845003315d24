"""Small pieces that several networks share."""
