# Det, der er om hver side, og listerne med samtaler.

made-with = Havn, en åben kundeservice
skip-to-content = Gå til indholdet
dismiss = Luk besked
close-dialog = Luk
cancel = Annullér
confirm = Ja, fortsæt

rail-label = Menu
rail-departments = Afdelinger
rail-tags = Mærker
search-title = Søg
settings-title = Indstillinger
me-title = Min profil
log-out = Log ud
theme-system = Farver: som systemet
theme-light = Farver: lyse
theme-dark = Farver: mørke
live-offline = Ingen forbindelse. Siden henter selv det nye, når den er tilbage.

folder-open = Åbne
folder-mine = Mine
folder-unassigned = Ikke tildelt
folder-snoozed = Udsatte
folder-closed = Lukkede
folder-spam = Spam

list-total = Samtaler i denne liste
list-new = { $count ->
    [one] { $count } ny
   *[other] { $count } nye
}
next-take = Tag den næste
next-hint = Tager den åbne samtale, der har ventet længst
pages-label = Listens sider
pages-newer = Nyere
pages-older = Ældre
row-select = Vælg
row-unread = Ulæst:
row-bounced = Kunne ikke leveres
row-draft = Du har en kladde her
row-suspect = Afsenderen er ikke bekræftet, eller mailen er markeret som spam undervejs
row-files = Har filer
no-subject = Uden emne

bulk-title = Valgt
bulk-selected = { $count ->
    [one] { $count } valgt
   *[other] { $count } valgt
}
bulk-clear = Fravælg alle
close = Luk
reopen = Genåbn
assign = Tildel
assign-nobody = Ingen
department = Afdeling
tag = Mærke
spam = Spam

empty-narrowed-title = Intet åbent her
empty-narrowed-text = Her står åbne samtaler med den valgte afdeling eller det valgte mærke.
empty-open-title = Ingen venter
empty-open-text = Ny mail til jeres postkasser dukker selv op her, et øjeblik efter at den er kommet.
empty-mine-title = Du har intet åbent
empty-mine-text = Tag den næste, eller få en kollega til at tildele dig en samtale.
empty-unassigned-title = Alle samtaler er tildelt
empty-unassigned-text = Her står de samtaler, som ingen har taget endnu.
empty-snoozed-title = Intet er udsat
empty-snoozed-text = Udsæt en samtale med s, så kommer den tilbage blandt de åbne, når tiden er inde.
empty-closed-title = Intet er lukket endnu
empty-closed-text = Luk en samtale med e, når den er færdig. Skriver kunden igen, åbner den af sig selv.
empty-spam-title = Ingen spam
empty-spam-text = Det, der er markeret som spam, ligger her. Intet slettes uden dig.
nothing-open = Vælg en samtale, eller brug tastaturet
nothing-open-empty = Der er ro i havnen

keys-title = Taster
keys-move = Find vej
keys-answer = Svar
keys-order = Hold orden
key-move = Op og ned i listen
key-open = Åbn
key-back = Tilbage til listen
key-next = Tag den næste
key-select = Vælg
key-search = Søg
key-inbox = Til de åbne
key-begin = Begynd en samtale
key-answer = Skriv et svar
key-note = Skriv et notat
key-send = Send
key-undo = Fortryd
key-assign = Tildel
key-department = Flyt til en afdeling
key-tag = Sæt mærke
key-snooze = Udsæt
key-close = Luk eller genåbn
key-palette = Alt ved navn
key-keys = Denne liste
palette-title = Gør eller find hvad som helst
palette-hint = Hvad vil du?
palette-search = Søg i samtalerne efter

month-1 = jan.
month-2 = feb.
month-3 = mar.
month-4 = apr.
month-5 = maj
month-6 = jun.
month-7 = jul.
month-8 = aug.
month-9 = sep.
month-10 = okt.
month-11 = nov.
month-12 = dec.
