"""One function a stage. They join storage and domain, check what they made, and do nothing a second time."""
