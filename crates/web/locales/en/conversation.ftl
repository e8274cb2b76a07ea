# An open conversation.

back = Back to the list
messages-label = Letters, notes and events
earlier = { $count ->
    [one] { $count } earlier entry
   *[other] { $count } earlier entries
}
more = More
copy-link = Copy the link
copied = Copied
contact-panel = The contact
status-snoozed = Snoozed until
status-closed = Closed
status-spam = Spam
tag-new = New tag
tag-save = Save tags
snooze = Snooze
snooze-later = Later today
snooze-tomorrow = Tomorrow morning
snooze-week = Monday morning
snooze-end = Wake now
spam-not = Not spam
presence-looks = { $agent } is looking
presence-writes = { $agent } is writing

letter-to = To
letter-cc = Copy
letter-original = View original
letter-title = Letter from { $who }
letter-quoted = Quoted text
letter-unreadable = This letter could not be read. Nothing is lost: the original is kept as it came.
files-label = Files
note-label = Note, only for agents

sender-verified = Sender verified
sender-failed = Sender not verified
sender-unproved = Sender proves nothing
sender-not-checked = Sender not checked
check-name = Check
check-outcome = Outcome
check-about = About
check-passed = holds
check-failed = fails
check-absent = nothing to check
check-not-checked = not checked

mark-not-verified = The sender is not verified: the domain that this letter names says that it did not come from there. Do not act on it before you have asked another way.
mark-automatic = A machine wrote this: an absence notice or another automatic answer.
mark-list = This came through a mailing list.
mark-bounce = A mail server reports that a letter could not be delivered.
mark-spam = A mail server on the way has marked this as spam.
mark-loop = This letter goes in circles. It was kept, and nothing is sent back by machine.
mark-too-much = This letter has more parts or depth than is looked at. What was read is shown; the original is whole.
mark-broken = This letter is broken. What could be read is shown; the original is whole.
mark-encrypted = This letter is encrypted, and the key is not here. It can be read from the original.
mark-winmail = It brought a winmail.dat that could not be opened. It is offered as it is.
mark-reply-elsewhere = It asks for answers to another address: { $address }

delivery-leaves = Leaves in a moment
delivery-queued = Waiting to be sent to
delivery-sent = Sent to
delivery-deferred = Put off by the mail server of
delivery-bounced = Could not be delivered to
delivery-unknown = It is not known whether this arrived at
delivery-again = next try
undo = Undo

event-assigned = { $who } assigned it to { $agent }
event-unassigned = { $who } gave it back
event-moved = { $who } moved it to { $department }
event-tagged = { $who } tagged it { $tag }
event-untagged = { $who } took off the tag { $tag }
event-closed = { $who } closed it
event-reopened = { $who } opened it again
event-snoozed = { $who } snoozed it until
event-woke = It is back: its time has come
event-spam = { $who } marked it as spam
event-not-spam = { $who } said that it is not spam
event-undone = { $who } took an answer back before it left
event-also-received = The same mail came to { $department } too
event-linked = It may belong to an earlier conversation, but could not prove it

composer-label = Write
answer = Answer
note = Note
answer-text = Answer
answer-hint = Write an answer …
answer-from = From
note-text = Note
note-hint = Write a note to your colleagues …
note-save = Save note
note-only-agents = Only agents see this
send = Send
send-and-close = Send and close
attach = Attach files
format = Format
format-bold = Bold
format-italic = Italic
format-list = List
format-numbers = Numbered list
format-quote = Quote
format-link = Link
format-unlink = Remove link
format-address = Address of the link
upload-failed = could not be sent. Try again, or choose a smaller file.
draft-saved = Draft kept
draft-failed = Draft not kept: no connection
draft-file-remove = Remove { $name }
composer-news = Something new came in while you wrote. Read it first; what you wrote stays here.
composer-read = I have read it
sent = Sent

contact-no-name = No name
contact-since = First wrote
contact-conversations = Conversations
contact-others = Also wrote about
contact-others-none = Nothing else yet.
contact-all = Everything from this address
copy-address = Copy { $address }
state-open = Open
state-snoozed = Snoozed
state-closed = Closed
state-spam = Spam
