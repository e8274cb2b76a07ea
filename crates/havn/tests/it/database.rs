//! PostgreSQL over TLS: as asked for, or not at all.

use std::fs;

use tempfile::tempdir;

use crate::{
    program::{Demo, run},
    served::change_file,
};

const CONNECTIONS: &str = "SELECT count(*) FILTER (WHERE s.ssl), count(*) FROM pg_stat_ssl s
    JOIN pg_stat_activity a USING (pid)
    WHERE a.application_name = 'havn' AND a.datname = current_database()";

#[tokio::test(flavor = "multi_thread")]
async fn it_is_spoken_to_over_tls_if_the_operator_says_so_and_only_with_a_good_certificate() {
    let postgres = testkit::postgres().await;
    let folder = tempdir().unwrap();
    let whom = postgres.certificate().display().to_string();
    let url = format!("{}?sslmode=verify-full&sslrootcert={whom}", postgres.url());
    let demo = Demo::start(folder.path(), &["--empty", "--no-outside", "--store", &url]);
    let (status, list) = demo.api(0, "GET", "/api/v1/conversations", None);
    assert_eq!(status, 200, "{list}");
    let counted = postgres.superuser().await.query_one(CONNECTIONS, &[]).await.unwrap();
    let (over_tls, all): (i64, i64) = (counted.get(0), counted.get(1));
    assert!(all > 0 && over_tls == all, "{over_tls} of {all} connections are over TLS");
    assert_eq!(demo.end(), 0);

    let other = folder.path().join("other.pem");
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    fs::write(&other, made.cert.pem()).unwrap();
    let other = other.display().to_string();
    change_file(folder.path(), &[(&whom, &other)]);
    let said = |words: &str| {
        let output = run(&["check"], folder.path());
        let sentence = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{sentence}");
        assert!(sentence.contains(words), "{sentence}");
    };
    said("certificate");
    change_file(folder.path(), &[("verify-full", "prefer")]);
    said("sslmode is disable, require or verify-full");
}
