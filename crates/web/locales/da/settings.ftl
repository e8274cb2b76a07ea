# Kontoens indstillinger, ens egen profil, søgningen.

save = Gem
copy = Kopiér
remove = Fjern
remove-named = Fjern { $name }
never = aldrig
language = Sprog

settings-account = Konto
settings-account-about = Hvad kontoen hedder, og hvordan Havn skriver for den.
settings-agents = Medarbejdere
settings-agents-about = Dem, der svarer. Hver ser kun samtalerne i sine egne afdelinger.
settings-departments = Afdelinger
settings-departments-about = En afdeling har sine egne postkasser, sit eget afsendernavn og sin egen signatur.
settings-mailboxes = Postkasser
settings-mailboxes-about = Mail til disse adresser bliver til samtaler. Mail til alle andre afvises.
settings-relay = Afsendelse
settings-relay-about = Hvilken vej jeres svar sendes: gennem jeres egen mailserver eller direkte til dem, I skriver til.
settings-domains = Signerede domæner
settings-domains-about = Svar fra disse domæner bærer en DKIM-signatur, så modtageren kan se, at de er jeres.
settings-tags = Mærker
settings-tags-about = Ord, som medarbejderne sætter på samtaler for at finde og tælle dem.
settings-tokens = API-nøgler
settings-tokens-about = Nøgler, som programmer bruger API'et med. Hver handler som én medarbejder og må ikke mere end den.
settings-evidence = Hvad der er sket
settings-evidence-about = Havn skriver det, den gør, i en log, der kun vokser. Der står ingen mails, navne eller adresser i den, og det, der er signeret, kan ikke ændres ubemærket.

account-about-title = Kontoen
account-about = Kunderne ser navnet i de mails, Havn selv skriver.
account-name = Navn
account-name-hint = Som jeres kunder kender jer.
account-zone = Tidszone
account-answer-title = Automatisk svar
account-answer-about = Sendes én gang til en ny kundes første mail, aldrig til maskiner eller lister og højst én gang om dagen til en adresse.
account-answer = Tekst
account-answer-hint = Lad feltet stå tomt, så sendes intet.

department-new-title = Ny afdeling
department-new-about = Samtaler kan flyttes til den, og postkasser kan høre til den.
department-add = Tilføj afdeling
department-name = Navn
department-name-hint = Som medarbejderne kalder den.
department-from = Afsendernavn
department-from-hint = Kunderne ser det. Tomt betyder kontoens navn.
department-no-mailbox = Ingen postkasse endnu
department-lost = Fjern afdelingen { $name }? Den har ingen samtaler og ingen postkasser; dens signatur går tabt.
signature = Signatur
signature-hint = Står under hvert svar fra afdelingen.

mailbox-none = Ingen postkasse endnu. Tilføj den første herunder: mail til den dukker op under Åbne.
mailbox-new-title = Ny postkasse
mailbox-address = Adresse
mailbox-add = Tilføj postkasse
mailbox-lost = Fjern { $name }? Mail til den afvises fra nu af. Dens samtaler bliver.
mailbox-deliver-title = Hvor mailen skal hen
mailbox-deliver-about = Videresend eller aflevér mail til disse adresser til:

pickup-link = Hent mail fra en anden server
pickup-link-set = Henter fra { $host }
pickup-link-wrong = Kan ikke hente fra { $host }
pickup-title = Hent mailen til { $address } fra en anden server (IMAP)
pickup-about = Havn læser kun: intet bliver markeret som læst, og intet bliver slettet. Postkassen kan altså stadig bruges andre steder.
pickup-host = IMAP-server
pickup-tls-implicit = TLS fra første byte (oftest port 993)
pickup-tls-starttls = STARTTLS, og intet uden (oftest port 143)
pickup-password-hint = Mange udbydere kræver en app-adgangskode her i stedet for den sædvanlige.
pickup-folder = Mappe
pickup-folder-hint = Oftest INBOX.
pickup-takes-old = Hent også det, der allerede ligger i mappen. Ellers kun det, der kommer fra nu af.
pickup-state-title = Sådan går det
pickup-good = Alt er i orden. Sidst set efter:
pickup-not-yet = Der er ikke set efter endnu. Genindlæs siden om lidt.
pickup-since = siden
pickup-mails = { $count ->
    [one] { $count } mail hentet indtil nu.
   *[other] { $count } mails hentet indtil nu.
}
pickup-last = Den seneste:
pickup-left-about = Disse mails blev efterladt på den anden server. Alt andet er hentet.
pickup-left-number = Nummer dér
pickup-left-why = Hvorfor
pickup-left-at = Efterladt
pickup-left-too-large = For stor ({ $size } MB).
pickup-left-refused = Serveren udleverer den ikke.
pickup-left-broken = Forbindelsen blev afbrudt flere gange ved netop denne mail.
pickup-left-next = Næste forsøg:
pickup-left-for-good = Den forsøges ikke hentet igen.
pickup-test-title = Test
pickup-test-about = Logger ind og åbner mappen med det, der er gemt, uden at hente noget.
pickup-test = Test forbindelsen
pickup-test-good = { $count ->
    [one] Det virker: logget ind, og der ligger { $count } mail i mappen.
   *[other] Det virker: logget ind, og der ligger { $count } mails i mappen.
}
pickup-away-title = Hent ikke mere
pickup-away-about = Det, der er hentet, bliver i Havn, og den anden postkasse bliver, som den er.
pickup-away = Stop hentning
pickup-lost = Stop hentning? Server, brugernavn, adgangskode, og hvor langt Havn er nået, bliver glemt.
pickup-back = Alle postkasser
pickup-answered = Den svarede: { $reply }
pickup-fault-no-password = Der er ikke gemt nogen adgangskode, så Havn kan ikke logge ind. Indtast den, og gem.
pickup-fault-not-permitted = Havn må ikke forbinde til denne server. Den, der driver Havn, kan tillade værten.
pickup-fault-no-such-name = Serverens værtsnavn fører ingen steder hen. Kontrollér det.
pickup-fault-nobody-listens = Ingen svarer på denne port på serveren. Kontrollér porten.
pickup-fault-no-answer = Serveren svarede ikke i tide.
pickup-fault-unreachable = Serveren kan ikke nås i øjeblikket.
pickup-fault-no-way-out = Havns egen vej ud er væk et øjeblik. Havn prøver selv igen.
pickup-fault-lost = Forbindelsen til serveren blev afbrudt. Havn prøver selv igen.
pickup-fault-not-imap = Det, der svarer, taler ikke IMAP. Kontrollér vært, port og kryptering.
pickup-fault-tls = Der kunne ikke oprettes en sikker forbindelse: serverens certifikat eller kryptering holder ikke, eller porten kræver en anden slags.
pickup-fault-in-the-clear = Uden kryptering henter Havn kun inden for netværket hos den, der driver Havn. Vælg TLS eller STARTTLS.
pickup-fault-no-starttls = Serveren tilbyder ingen kryptering på denne port (STARTTLS). Prøv TLS fra første byte.
pickup-fault-no-log-in = Serveren tilbyder ingen måde at logge ind på med adgangskode.
pickup-fault-log-in = Serveren godtog ikke brugernavn og adgangskode.
pickup-fault-no-folder = Mappen kunne ikke åbnes. Kontrollér navnet.
pickup-fault-refused = Serveren gjorde ikke det, den blev bedt om.
pickup-fault-too-much = Serveren sendte mere, end den blev bedt om. Havn prøver selv igen.
pickup-fault-store = Havn kunne ikke gemme det, der blev hentet. Havn prøver selv igen, og intet går tabt.
pickup-fault-program = Hentningen blev afbrudt af en fejl i Havn. Havn prøver selv igen.

way-title = Vej
way-about = Her vælger I, hvor Havn afleverer jeres mail. Det, der står i kø, sendes ad den vej, der er valgt nu.
way = Mail sendes
way-relay = gennem jeres egen mailserver
way-straight = direkte til modtagernes mailservere
way-straight-needs = Den, der driver Havn, skal have port 25 åben, og jeres domæne skal tillade Havns server at sende for sig (SPF, DKIM). Ellers bliver mailen taget for spam.

relay-none = Der er ikke valgt nogen mailserver. Det, I svarer, venter, til der er en.
relay-server-title = Jeres mailserver
relay-server-about = Spørg den, der driver jeres mail, om dette.
relay-host = Vært
relay-port = Port
relay-tls = Kryptering
relay-tls-implicit = TLS fra første byte (oftest port 465)
relay-tls-starttls = STARTTLS, og intet uden (oftest port 587)
relay-tls-none = Ingen: kun inden for jeres eget netværk
relay-username = Brugernavn
relay-username-hint = Lad feltet stå tomt, hvis serveren ikke spørger om noget.
relay-password-kept = En adgangskode er gemt. Lad feltet stå tomt for at beholde den.
relay-test-title = Prøvemail
relay-test-about = Sender en kort mail gennem serveren, som den er gemt.
relay-test-to = Til
relay-test-send = Send en prøvemail
relay-test-sent = Serveren tog imod mailen til { $to }. Se efter i den postkasse.
relay-test-answered = Serveren afviste den: { $reply }
relay-test-failed = Prøvemailen kunne ikke sendes: { $why }
relay-away-title = Uden mailserver
relay-away-about = Det, der står i kø, bliver og venter på den næste.
relay-away = Fjern mailserveren
relay-lost = Fjern mailserveren? Vært, brugernavn og adgangskode glemmes. Det, der står i kø, venter, til der er en anden.

domain-none = Intet domæne endnu. Tilføj jeres postkassers domæne herunder, opret den viste post i DNS, og tjek den.
domain-new-title = Nyt domæne
domain-new-about = Der laves en nøgle til det. Den private halvdel forlader aldrig Havn.
domain-name = Domæne
domain-name-hint = Det, der står efter @ i jeres adresser.
domain-add = Tilføj domæne
domain-publish = Opret denne post dér, hvor domænets navne styres:
domain-check = Tjek nu
domain-lost = Fjern { $name }? Nøglen går tabt, og svar derfra signeres ikke længere.
record-name = Navn
record-type = Type
record-value = Værdi
record-never = Ikke tjekket endnu
record-found = Posten er der
record-missing = Posten er der ikke
record-different = Der ligger en anden post
record-not-checked = Ingen navneserver kunne spørges

tag-none = Ingen mærker endnu. Medarbejdere kan lave et, mens de mærker en samtale, eller du kan tilføje nogle her.
tag-new-title = Nyt mærke
tag-name = Ord
tag-add = Tilføj mærke
tag-colour = Farve
tag-colour-number = Farve { $number }
tag-count = { $count ->
    [one] { $count } samtale
   *[other] { $count } samtaler
}
tag-lost = Fjern mærket { $name }? Det tages af alle samtaler, der bærer det.

agent-new-title = Invitér en kollega
agent-new-about = Du får et link, du kan give videre. Det virker én gang, i en uge.
agent-invite = Lav et link
agent-me = (dig)
agent-invited = Inviteret
agent-disabled = Lukket ude siden
agent-departments = Afdelinger
agent-all = Alle, også dem, der kommer til
agent-disable = Luk ude
agent-enable = Luk ind igen
agent-lost = Luk { $name } ude? De logges ud alle steder med det samme, og deres API-nøgler ophører. Det, de har skrevet, bliver.
role = Rolle
role-hint = Medarbejdere svarer. Administratorer sætter også kontoen op. Ejere udnævner og afsætter også ejere.
role-agent = Medarbejder
role-admin = Administrator
role-owner = Ejer
invite-again = Lav et nyt link
invite-link-title = Linket til { $email }
invite-link-about = Giv det videre ad en vej, du stoler på. Det vises kun denne ene gang og virker indtil

token-none = Ingen nøgler endnu.
token-new-title = Ny nøgle
token-new-about = Dens hemmelighed vises én gang, når den laves.
token-name = Hvad den bruges til
token-name-hint = Så nogen om et år ved, om den kan fjernes.
token-agent = Handler som
token-scope = Må
token-used = Sidst brugt
token-ends = Udløber
token-since = lavet
token-make = Lav nøgle
token-made-title = Din nye nøgle
token-made-about = Kopiér den nu. Den vises kun denne ene gang; kun dens fingeraftryk gemmes.
token-lost = Tilbagekald { $name }? Programmer, der bruger den, holder op med at virke med det samme.
scope-read = læse
scope-write = læse og skrive
days-90 = om 90 dage
days-365 = om et år

evidence-log-title = Kontoens log
evidence-log-about = Når den er vokset, bliver den signeret, højst én gang i minuttet. Det, der er signeret, skrives også i operatørens log, så ingen kan få vist en anden.
evidence-none = Intet er signeret endnu. Kig igen om et minut.
evidence-size = Nu
evidence-signed = Signeret
evidence-operator = Operatørens log
evidence-entries = { $count ->
    [one] { $count } linje
   *[other] { $count } linjer
}
evidence-told = indeholder det signerede
evidence-not-told = indeholder det ikke endnu
evidence-get-checkpoint = Kontrolpunkt
evidence-get-log = Log
evidence-get-proof = Bevis for kontrolpunktet
evidence-check-title = Sådan kontrollerer du den
evidence-check-keep = Hent et kontrolpunkt en gang imellem, og gem det et sted, hvor ingen her kan nå det.
evidence-check-key = Få den offentlige nøgle, log.pub, af operatøren én gang, og gem den sammen med kontrolpunkterne.
evidence-check-verify = Hent loggen senere, og kontrollér den mod det, du har gemt, på din egen maskine:
evidence-check-own = Formatet er offentligt, så du kan også skrive dit eget program, der kontrollerer den.

me-profile-title = Dig
password-about = Når du skifter den, logges alle andre browsere ud.
password-current = Nuværende adgangskode
password-change = Skift adgangskode
sessions-title = Hvor du er logget ind
sessions-about = Kender du ikke en af dem, så afslut den, og skift adgangskode.
session-since = siden
session-here = Denne browser
session-seen = sidst set
session-end = Log ud
sessions-end = Log ud alle andre steder

search-hint = Ord, "en vending", en adresse, et nummer
search-help-title = Hvad der kan findes
search-help-words = Ord og begyndelser af ord i mails, notater, emner, navne og adresser: de skal alle være der.
search-help-phrase = "Ord i anførselstegn" i netop den rækkefølge.
search-help-where = Åbne, lukkede og spam i alle de afdelinger, du kan se; nyeste først.
search-none-title = Intet fundet
search-none-text = Prøv færre ord eller kun begyndelsen af et.
