//! A server under load of every kind, good and bad: `tests/soak/load.mjs` starts what was built of `tests/soak/server.js`
//! and says what must hold. `SOAK_SECONDS=600 cargo test --test soak -- --nocapture` makes it longer; `SOAK_SEED` repeats one.
mod support;

use std::time::Duration;

#[test]
fn a_server_outlives_its_clients() {
    let place = tempfile::tempdir().unwrap();
    let (soak, app) = (support::root().join("tests/soak"), place.path().join("server"));
    support::build(&soak.join("server.js"), &app, &[]).unwrap();
    let mut command = support::clean(support::node());
    command.arg(soak.join("load.mjs")).arg(&app).current_dir(&place);
    let given = |name| std::env::var(name).ok().map(|value| (name, value));
    command.envs(["SOAK_SECONDS", "SOAK_SEED"].into_iter().filter_map(given));
    let seconds = given("SOAK_SECONDS").map_or(30, |(_, value)| value.parse().expect("SOAK_SECONDS"));
    let ran = support::run(command, "", Duration::from_secs(seconds + 120));
    assert_eq!(ran.status, 0, "{}", ran.told());
    println!("{}", ran.stdout);
}
