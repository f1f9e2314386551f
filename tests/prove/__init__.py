"""What must never be lost, doubled or left half done, proved by killing real processes."""
