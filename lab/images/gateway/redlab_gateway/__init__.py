"""The stand-in gateway server: stores events durably, hands them to the active DPS, serves users and operators."""
