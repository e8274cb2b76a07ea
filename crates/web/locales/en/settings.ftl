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
settings-evidence = What happened
settings-evidence-about = Havn writes down what it does in a log that only grows. It holds no letters, names or addresses, and what is signed of it cannot be changed unnoticed.

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

pickup-link = Collect mail from another server
pickup-link-set = Collects from { $host }
pickup-link-wrong = Cannot collect from { $host }
pickup-title = Collect the mail of { $address } from another server (IMAP)
pickup-about = Havn only reads there: it marks nothing as read and removes nothing, so you can go on using the mailbox elsewhere.
pickup-host = IMAP server
pickup-tls-implicit = TLS from the first byte (mostly port 993)
pickup-tls-starttls = STARTTLS, and nothing without it (mostly port 143)
pickup-password-hint = Many providers want an app password here instead of your usual one.
pickup-folder = Folder
pickup-folder-hint = Mostly INBOX.
pickup-takes-old = Also collect what lies in the folder already. Otherwise only what comes from now on.
pickup-state-title = How it goes
pickup-good = All is well. Last looked:
pickup-not-yet = Not looked yet. Reload this page in a moment.
pickup-since = since
pickup-mails = { $count ->
    [one] { $count } mail collected so far.
   *[other] { $count } mails collected so far.
}
pickup-last = The last one:
pickup-left-about = These mails were left at the other server. Everything else was collected.
pickup-left-number = Number there
pickup-left-why = Why
pickup-left-at = Left
pickup-left-too-large = Too large ({ $size } MB).
pickup-left-refused = The server does not hand it over.
pickup-left-broken = The connection broke off over it several times.
pickup-left-next = Next try:
pickup-left-for-good = It is not tried again.
pickup-test-title = Test
pickup-test-about = Logs in and opens the folder as it is saved, without collecting anything.
pickup-test = Test the connection
pickup-test-good = { $count ->
    [one] It works: logged in, and { $count } mail lies in the folder.
   *[other] It works: logged in, and { $count } mails lie in the folder.
}
pickup-away-title = Collect no more
pickup-away-about = What was collected stays in Havn, and the other mailbox stays as it is.
pickup-away = Stop collecting
pickup-lost = Stop collecting? Server, user name, password and how far it came are forgotten.
pickup-back = All mailboxes
pickup-answered = It said: { $reply }
pickup-fault-no-password = No password is kept, so Havn cannot log in. Enter it and save.
pickup-fault-not-permitted = Havn may not connect to this server. Whoever runs Havn can permit its host.
pickup-fault-no-such-name = The server’s host name leads nowhere. Check it.
pickup-fault-nobody-listens = Nobody answers at this port of the server. Check the port.
pickup-fault-no-answer = The server did not answer in time.
pickup-fault-unreachable = The server cannot be reached at the moment.
pickup-fault-no-way-out = Havn’s own way out is not there for a moment. It tries again by itself.
pickup-fault-lost = The connection to the server broke off. Havn tries again by itself.
pickup-fault-not-imap = What answers there does not speak IMAP. Check host, port and encryption.
pickup-fault-tls = No secure connection could be made: the server’s certificate or encryption does not hold, or the port wants another kind.
pickup-fault-in-the-clear = Without encryption Havn collects only inside the network of whoever runs it. Choose TLS or STARTTLS.
pickup-fault-no-starttls = The server offers no encryption at this port (STARTTLS). Try TLS from the first byte.
pickup-fault-no-log-in = The server offers no way to log in with a password.
pickup-fault-log-in = The server did not accept the user name and password.
pickup-fault-no-folder = The folder could not be opened. Check its name.
pickup-fault-refused = The server did not do what it was asked for.
pickup-fault-too-much = The server sent more than it was asked for. Havn tries again by itself.
pickup-fault-store = Havn could not store what it collected. It tries again by itself, and nothing is lost.
pickup-fault-program = Collecting broke off by a fault of Havn. It tries again by itself.

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

evidence-log-title = The log of this account
evidence-log-about = When it has grown it is signed, at most once a minute. What was signed is written into the operator's log, too, so that nobody can be shown another one.
evidence-none = Nothing is signed yet. Look again in a minute.
evidence-size = Now
evidence-signed = Signed
evidence-operator = Operator's log
evidence-entries = { $count ->
    [one] { $count } entry
   *[other] { $count } entries
}
evidence-told = tells of it
evidence-not-told = does not tell of it yet
evidence-get-checkpoint = Checkpoint
evidence-get-log = Log
evidence-get-proof = Proof of the checkpoint
evidence-check-title = How to check it
evidence-check-keep = Download a checkpoint now and then, and keep it where nobody here can reach it.
evidence-check-key = Get the public key, log.pub, from the operator once, and keep it with the checkpoints.
evidence-check-verify = Download the log later, and check it against what you kept, on a machine of your own:
evidence-check-own = The format is public, so you can also write a program of your own that checks it.

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
