"""The stand-in gateway server: takes events in durably, hands them to the active DPS, serves users and operators."""
