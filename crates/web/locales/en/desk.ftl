# What is around every page, and the lists of conversations.

made-with = Havn, an open customer-service desk
skip-to-content = Skip to the content
dismiss = Dismiss
close-dialog = Close
cancel = Cancel
confirm = Yes, go on

rail-label = Where to go
rail-departments = Departments
rail-tags = Tags
search-title = Search
settings-title = Settings
me-title = My profile
log-out = Log out
theme-system = Colours: as the system
theme-light = Colours: light
theme-dark = Colours: dark
live-offline = No connection. The page catches up by itself when it is back.

folder-open = Open
folder-mine = Mine
folder-unassigned = Unassigned
folder-snoozed = Snoozed
folder-closed = Closed
folder-spam = Spam

list-total = Conversations in this list
list-new = { $count ->
    [one] { $count } new
   *[other] { $count } new
}
next-take = Take the next one
next-hint = Takes the open conversation that has waited longest
pages-label = Pages of the list
pages-newer = Newer
pages-older = Older
row-select = Select
row-unread = Unread:
row-bounced = Could not be delivered
row-draft = You have a draft here
row-suspect = Sender not verified, or marked as spam on the way
row-files = Has files
no-subject = No subject

bulk-title = Selected
bulk-selected = { $count ->
    [one] { $count } selected
   *[other] { $count } selected
}
bulk-clear = Clear the selection
close = Close
reopen = Reopen
assign = Assign
assign-nobody = Nobody
department = Department
tag = Tag
spam = Spam

empty-narrowed-title = Nothing open here
empty-narrowed-text = Open conversations with this department or tag are shown here.
empty-open-title = Nothing is waiting
empty-open-text = New mail to your mailboxes turns up here by itself, a moment after it arrives.
empty-mine-title = You have nothing open
empty-mine-text = Take the next one, or let somebody assign a conversation to you.
empty-unassigned-title = Everything has somebody
empty-unassigned-text = Conversations that nobody has taken yet are shown here.
empty-snoozed-title = Nothing is snoozed
empty-snoozed-text = Snooze a conversation with s, and it comes back to Open when its time has come.
empty-closed-title = Nothing is closed yet
empty-closed-text = Close a conversation with e when it is done. A new mail from the contact opens it again.
empty-spam-title = No spam
empty-spam-text = What is marked as spam waits here. Nothing is deleted without you.
nothing-open = Choose a conversation, or use the keyboard
nothing-open-empty = All quiet in the harbour

keys-title = Keys
keys-move = Find your way
keys-answer = Answer
keys-order = Keep order
key-move = Up and down the list
key-open = Open
key-back = Back to the list
key-next = Take the next one
key-select = Select
key-search = Search
key-inbox = To the open ones
key-begin = Begin a conversation
key-answer = Write an answer
key-note = Write a note
key-send = Send
key-undo = Take it back
key-assign = Assign
key-department = Move to a department
key-tag = Tag
key-snooze = Snooze
key-close = Close or reopen
key-palette = Everything by name
key-keys = This list
palette-title = Do or find anything
palette-hint = What do you want to do?
palette-search = Search conversations for

month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = May
month-6 = Jun
month-7 = Jul
month-8 = Aug
month-9 = Sep
month-10 = Oct
month-11 = Nov
month-12 = Dec
