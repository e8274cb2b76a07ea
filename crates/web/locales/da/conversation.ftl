# En åben samtale.

back = Tilbage til listen
messages-label = Mails, notater og hændelser
earlier = { $count ->
    [one] { $count } tidligere
   *[other] { $count } tidligere
}
more = Mere
copy-link = Kopiér linket
copied = Kopieret
contact-panel = Kunden
status-snoozed = Udsat til
status-closed = Lukket
status-spam = Spam
tag-new = Nyt mærke
tag-save = Gem mærker
snooze = Udsæt
snooze-later = Senere i dag
snooze-tomorrow = I morgen tidlig
snooze-week = Mandag morgen
snooze-end = Hent tilbage nu
spam-not = Ikke spam
presence-looks = { $agent } kigger med
presence-writes = { $agent } er ved at skrive

letter-to = Til
letter-cc = Kopi
letter-original = Vis originalen
letter-title = Mail fra { $who }
letter-quoted = Citeret tekst
letter-unreadable = Mailen kunne ikke læses. Intet er gået tabt: originalen er gemt, som den kom.
files-label = Filer
note-label = Notat, kun for medarbejdere

sender-verified = Afsenderen er bekræftet
sender-failed = Afsenderen er ikke bekræftet
sender-unproved = Afsenderen kan ikke bekræftes
sender-not-checked = Afsenderen er ikke tjekket
check-name = Tjek
check-outcome = Resultat
check-about = Om
check-passed = holder
check-failed = holder ikke
check-absent = intet at tjekke
check-not-checked = ikke tjekket

mark-not-verified = Afsenderen er ikke bekræftet: Domænet i afsenderadressen siger, at mailen ikke kommer derfra. Gør ikke noget ud fra den, før du har spurgt ad anden vej.
mark-automatic = En maskine har skrevet dette: et fraværssvar eller et andet automatisk svar.
mark-list = Dette kom gennem en mailingliste.
mark-bounce = En mailserver melder, at en mail ikke kunne leveres.
mark-spam = En mailserver undervejs har markeret dette som spam.
mark-loop = Mailen går i ring. Den er gemt, og der sendes ikke noget automatisk tilbage.
mark-too-much = Mailen har flere dele eller lag, end vi læser. Det læste vises; originalen er hel.
mark-broken = Mailen er beskadiget. Det, der kunne læses, vises; originalen er gemt, som den kom.
mark-encrypted = Mailen er krypteret, og nøglen er ikke her. Den kan læses ud fra originalen.
mark-winmail = Der fulgte en winmail.dat med, som ikke kunne åbnes. Du kan hente den, som den er.
mark-reply-elsewhere = Afsenderen beder om svar til en anden adresse: { $address }

delivery-leaves = Sendes om et øjeblik
delivery-queued = Venter på at blive sendt til
delivery-sent = Sendt til
delivery-deferred = Udskudt af mailserveren hos
delivery-bounced = Kunne ikke leveres til
delivery-unknown = Det vides ikke, om mailen nåede frem til
delivery-again = næste forsøg
undo = Fortryd

event-assigned = { $who } tildelte den til { $agent }
event-unassigned = { $who } gav den fra sig
event-moved = { $who } flyttede den til { $department }
event-tagged = { $who } satte mærket { $tag }
event-untagged = { $who } fjernede mærket { $tag }
event-closed = { $who } lukkede den
event-reopened = { $who } genåbnede den
event-snoozed = { $who } udsatte den til
event-woke = Den er tilbage: tiden er inde
event-spam = { $who } markerede den som spam
event-not-spam = { $who } sagde, at det ikke er spam
event-undone = { $who } trak et svar tilbage, før det blev sendt
event-also-received = Samme mail kom også til { $department }
event-linked = Den hører måske til en tidligere samtale, men kunne ikke bevise det

composer-label = Skriv
answer = Svar
note = Notat
answer-text = Svar
answer-hint = Skriv et svar …
answer-from = Fra
note-text = Notat
note-hint = Skriv et notat til dine kolleger …
note-save = Gem notat
note-only-agents = Kun medarbejdere ser det
send = Send
send-and-close = Send og luk
attach = Vedhæft filer
format = Format
format-bold = Fed
format-italic = Kursiv
format-list = Liste
format-numbers = Nummereret liste
format-quote = Citat
format-link = Link
format-unlink = Fjern link
format-address = Linkets adresse
upload-failed = kunne ikke sendes. Prøv igen, eller vælg en mindre fil.
draft-saved = Kladden er gemt
draft-failed = Kladden er ikke gemt: ingen forbindelse
draft-file-remove = Fjern { $name }
composer-news = Der kom noget nyt, mens du skrev. Læs det først; det, du har skrevet, bliver her.
composer-read = Jeg har læst det
sent = Sendt

contact-no-name = Uden navn
contact-since = Skrev første gang
contact-conversations = Samtaler
contact-others = Skrev også om
contact-others-none = Intet andet endnu.
contact-all = Alt fra denne adresse
copy-address = Kopiér { $address }
state-open = Åben
state-snoozed = Udsat
state-closed = Lukket
state-spam = Spam
