//! What a list shows beside a conversation, and how an older database comes by it.

use store::{Attachment, Filter, Mark, Marks, MessageState, Place, PostgresPool, Stores, Tx};
use words::{AgentId, AttachmentId, ConversationId, DepartmentId, MessageId};

use crate::{
    letters,
    place::{Desk, NOON, beside, file, lease, on_both, task},
};

fn attach(tx: &mut Tx<'_>, message: MessageId, inline: bool) -> store::Result<()> {
    tx.insert_attachment(&Attachment {
        id: AttachmentId::new(tx.now()),
        message,
        position: 0,
        name: "a.txt".into(),
        media_type: "text/plain".into(),
        size: 1,
        content_id: None,
        inline,
        kind: "file".into(),
        part: None,
        file: None,
    })
}

async fn letter(desk: &Desk, inline: bool) -> (ConversationId, MessageId) {
    let department = DepartmentId::new(NOON);
    let written = desk.write(move |tx| {
        let id = letters::begin(tx, department, store::Status::Open)?;
        let (message, _) = letters::receive(tx, id, "text")?;
        attach(tx, message, inline)?;
        Ok((id, message))
    });
    written.await.unwrap()
}

async fn marks(desk: &Desk, id: ConversationId) -> Marks {
    let listed = desk.read(|read| read.marked_conversations(&Filter::default(), None, 9)).await.unwrap();
    let listed = listed.into_iter().find(|(one, _)| one.id == id).unwrap().1;
    let alone = desk.read(move |read| read.marks(id, AgentId::new(NOON))).await.unwrap();
    assert_eq!(listed, alone, "alone as in the list");
    alone
}

on_both! {
    async fn a_conversation_is_marked_by_what_lies_in_it(desk: &Desk) {
        let (id, message) = letter(desk, false).await;
        assert_eq!(marks(desk, id).await, Marks { files: true, ..Marks::default() });
        let (drawing, _) = letter(desk, true).await;
        assert_eq!(marks(desk, drawing).await, Marks::default(), "a picture within the text is no file");
        desk.write(move |tx| tx.set_message_state(message, MessageState::Failed, None)).await.unwrap();
        desk.write(move |tx| tx.mark(id, Mark::Suspect)).await.unwrap();
        let all = Marks { files: true, suspect: true, undelivered: true, draft: false };
        assert_eq!(marks(desk, id).await, all);
        desk.write(move |tx| tx.delete_attachments(message)).await.unwrap();
        desk.write(move |tx| tx.unmark(id, Mark::Suspect)).await.unwrap();
        assert_eq!(marks(desk, id).await, Marks { undelivered: true, ..Marks::default() });
    }
}

/// What the versions of the schema after the first made.
const BACK_TO_THE_FIRST: &str = "
    DROP TABLE conversation_marks; DROP TABLE first_drafts; DROP INDEX messages_undelivered;
    DROP TABLE evidence_entries; DROP TABLE evidence_tiles; DROP TABLE evidence_checkpoints;
    DROP TABLE evidence_intents; DROP TABLE evidence_salts; DROP TABLE pickups; DROP TABLE pickup_left;
    ALTER TABLE account DROP COLUMN logged_from; ALTER TABLE account DROP COLUMN mail_way;";

#[tokio::test(flavor = "multi_thread")]
async fn an_older_postgres_database_gets_its_marks_of_all_accounts() {
    let desk = Desk::on_postgres().await;
    let (id, _) = letter(&desk, false).await;
    let database = desk.database.as_ref().unwrap();
    let (client, driver) = database.connect().await.unwrap();
    tokio::spawn(driver);
    client.batch_execute(BACK_TO_THE_FIRST).await.unwrap();
    client.batch_execute("UPDATE schema_version SET version = 1").await.unwrap();
    drop(PostgresPool::open(database.connector(), 2).await.unwrap());
    assert_eq!(marks(&desk, id).await, Marks { files: true, ..Marks::default() });
    let open = "SELECT 1 FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity";
    assert_eq!(database.superuser().await.query(open, &[]).await.unwrap().len(), 0, "the walls stand again");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_file_gets_its_marks() {
    let desk = Desk::on_sqlite().await;
    let (id, _) = letter(&desk, false).await;
    let path = file(desk.folder.path(), desk.account);
    drop((desk.store, desk.stores));
    while path.with_extension("db-wal").exists() {
        tokio::task::yield_now().await;
    }
    let connection = beside(&path);
    connection.execute_batch(BACK_TO_THE_FIRST).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    drop(connection);
    let stores = Stores::new(Place::Folder(desk.folder.path().to_owned()), desk.clock.clone());
    let store = stores.open(&lease(desk.account, 1), &desk.key, &task(desk.account)).unwrap();
    let found =
        store.read(&task(desk.account), move |read| read.marks(id, AgentId::new(NOON))).await.unwrap();
    assert_eq!(found, Marks { files: true, ..Marks::default() });
}
