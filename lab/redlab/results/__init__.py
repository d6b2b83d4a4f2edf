"""Results of many drills: campaigns, matrices, datasheets, sensitivity, the logbook."""
