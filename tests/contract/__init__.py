"""Does every connector keep the contract that the gateway relies on?"""
