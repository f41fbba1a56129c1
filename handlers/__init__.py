"""What people do in Slack: each listener parses, notes the work and acks; the work asks access, and answers.

Each module that listens has `register(app, services)`; `bot.app` finds it by that name.
"""
