"""The made-up city: 1,912 firms, a campaign in its ninth month, made by running the real verbs."""
