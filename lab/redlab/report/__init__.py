"""What a drill's result looks like to people and CI systems: terminal, JUnit XML, HTML. No Docker, no network."""
