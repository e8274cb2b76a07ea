# At logge ind og tage imod en invitation.

log-in = Log ind
log-in-title = Log ind
log-in-help = Glemt adgangskoden? En administrator af kontoen kan sende dig et nyt link.
email = Mailadresse
password = Adgangskode
password-new = Ny adgangskode
password-rule = Mindst 10 tegn. En sætning er let at huske.
your-name = Dit navn
your-name-hint = Kolleger og kunder ser det.
invitation-short = Invitation
invitation-title = Velkommen til { $account }
invitation-text = Vælg et navn og en adgangskode. Du logger ind som
invitation-take = Begynd
