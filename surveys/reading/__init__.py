"""What is read of locked waves, as data: screens, papers and tables draw from here alike.

Plain SELECTs of what was stored at the lock, as frozen values; no words and no markup.
"""
