"""From the list of addresses to the invitations of those drawn."""
