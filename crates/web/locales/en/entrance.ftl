# Logging in, and taking up an invitation.

log-in = Log in
log-in-title = Log in
log-in-help = Forgotten the password? An admin of the account can send you a new link.
email = Mail address
password = Password
password-new = New password
password-rule = At least 10 characters. A sentence is easy to remember.
your-name = Your name
your-name-hint = Colleagues and contacts see it.
invitation-short = Invitation
invitation-title = Welcome to { $account }
invitation-text = Choose a name and a password. You will log in as
invitation-take = Begin
