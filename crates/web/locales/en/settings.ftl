# The settings of an account, one's own profile, the search.

save = Save
copy = Copy
remove = Remove
remove-named = Remove { $name }
never = never
language = Language

settings-account = Account
settings-account-about = What this account is called, and how Havn writes for it.
settings-agents = Agents
settings-agents-about = The people who answer. Each sees the conversations of their departments only.
settings-departments = Departments
settings-departments-about = A department has its own mailboxes, its own name in the From line, and its own signature.
settings-mailboxes = Mailboxes
settings-mailboxes-about = Mail to these addresses becomes conversations. Mail to any other is refused.
settings-relay = Sending
settings-relay-about = Which way your answers leave: through a mail server of yours, or straight to those you write to.
settings-domains = Signed domains
settings-domains-about = Answers from these domains bear a DKIM signature, so that receivers can tell that they are yours.
settings-tags = Tags
settings-tags-about = Words that agents put on conversations, to find and to count them by.
settings-tokens = API tokens
settings-tokens-about = Keys with which programs use the API. Each acts as one agent and may do no more than that agent.

account-about-title = The account
account-about = Contacts see the name in the mails that Havn writes by itself.
account-name = Name
account-name-hint = As your customers know you.
account-zone = Time zone
account-answer-title = Automatic answer
account-answer-about = Sent once to a new contact's first letter, never to machines or lists, and at most once a day to an address.
account-answer = Text
account-answer-hint = Leave it empty, and none is sent.

department-new-title = New department
department-new-about = Conversations can be moved into it, and mailboxes can belong to it.
department-add = Add department
department-name = Name
department-name-hint = As agents call it.
department-from = Name in From
department-from-hint = Contacts see it. Empty means the name of the account.
department-no-mailbox = No mailbox yet
department-lost = Remove the department { $name }? It holds no conversations and no mailboxes; its signature is lost.
signature = Signature
signature-hint = Stands below every answer of the department.

mailbox-none = No mailbox yet. Add the first one below: mail to it turns up under Open.
mailbox-new-title = New mailbox
mailbox-address = Address
mailbox-add = Add mailbox
mailbox-lost = Remove { $name }? Mail to it is refused from now on. Its conversations stay.
mailbox-deliver-title = Where mail has to go
mailbox-deliver-about = Forward or deliver the mail of these addresses to:


way-title = Way
way-about = Where Havn hands your mail over. What is queued goes the way that is chosen now.
way = Mail leaves
way-relay = through a relay: your own mail server
way-straight = straight to the recipients’ mail servers
way-straight-needs = Whoever runs Havn must have port 25 open, and the records of your domain must allow Havn’s server to send for it (SPF, DKIM). Otherwise mail is taken for spam.

relay-none = No relay is set. What you answer waits until there is one.
relay-server-title = Relay
relay-server-about = Ask whoever runs your mail for these.
relay-host = Host
relay-port = Port
relay-tls = Encryption
relay-tls-implicit = TLS from the first byte (mostly port 465)
relay-tls-starttls = STARTTLS, and nothing without it (mostly port 587)
relay-tls-none = None: only inside your own network
relay-username = User name
relay-username-hint = Leave it empty if the server asks for none.
relay-password-kept = A password is kept. Leave this empty to keep it.
relay-test-title = Test mail
relay-test-about = Sends one short mail through the relay as it is saved.
relay-test-to = To
relay-test-send = Send a test mail
relay-test-sent = The relay took the mail to { $to }. Look into that mailbox.
relay-test-answered = The relay refused it: { $reply }
relay-test-failed = The test mail could not be sent: { $why }
relay-away-title = Without a relay
relay-away-about = What is queued stays and waits for the next one.
relay-away = Remove the relay
relay-lost = Remove the relay? Host, user name and password are forgotten. What is queued waits until there is another.

domain-none = No domain yet. Add the domain of your mailboxes below, publish the record that is shown, and check it.
domain-new-title = New domain
domain-new-about = A key is made for it. The private half never leaves Havn.
domain-name = Domain
domain-name-hint = What stands behind the @ of your addresses.
domain-add = Add domain
domain-publish = Publish this record where the domain's names are kept:
domain-check = Check now
domain-lost = Remove { $name }? Its key is lost, and answers from it are signed no more.
record-name = Name
record-type = Type
record-value = Value
record-never = Not checked yet
record-found = The record is there
record-missing = The record is not there
record-different = Another record is there
record-not-checked = No name server could be asked

tag-none = No tags yet. Agents can make one while they tag a conversation, or you can add some here.
tag-new-title = New tag
tag-name = Word
tag-add = Add tag
tag-colour = Colour
tag-colour-number = Colour { $number }
tag-count = { $count ->
    [one] { $count } conversation
   *[other] { $count } conversations
}
tag-lost = Remove the tag { $name }? It is taken off every conversation that bears it.

agent-new-title = Invite somebody
agent-new-about = You get a link to pass on. It works once, for a week.
agent-invite = Make the link
agent-me = (you)
agent-invited = Invited
agent-disabled = Shut out since
agent-departments = Departments
agent-all = All, also those to come
agent-disable = Shut out
agent-enable = Let in again
agent-lost = Shut { $name } out? They are logged out everywhere at once, and their API tokens end. What they wrote stays.
role = Role
role-hint = Agents answer. Admins also set the account up. Owners also make and unmake owners.
role-agent = Agent
role-admin = Admin
role-owner = Owner
invite-again = Make a new link
invite-link-title = The link for { $email }
invite-link-about = Pass it on by a way that you trust. It is shown this once, and works until

token-none = No tokens yet.
token-new-title = New token
token-new-about = Its secret is shown once, when it is made.
token-name = What it is for
token-name-hint = So that somebody knows in a year whether it can go.
token-agent = Acts as
token-scope = May
token-used = Last used
token-ends = Ends
token-since = made
token-make = Make token
token-made-title = Your new token
token-made-about = Copy it now. It is shown this once; only its fingerprint is kept.
token-lost = Revoke { $name }? Programs that use it stop working at once.
scope-read = read
scope-write = read and write
days-90 = in 90 days
days-365 = in a year

me-profile-title = You
password-about = When you change it, all other browsers are logged out.
password-current = Current password
password-change = Change password
sessions-title = Where you are logged in
sessions-about = If you do not know one of these, end it and change your password.
session-since = since
session-here = This browser
session-seen = last seen
session-end = Log out
sessions-end = Log out everywhere else

search-hint = Words, "a phrase", an address, a number
search-help-title = What can be found
search-help-words = Words, and beginnings of words, in letters, notes, subjects, names and addresses: all of them must be there.
search-help-phrase = "Words in quotation marks" in just this order.
search-help-where = Open, closed and spam, in all departments that you see; newest first.
search-none-title = Nothing found
search-none-text = Try fewer words, or only the beginning of one.
