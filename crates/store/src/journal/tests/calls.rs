use std::thread;

use super::*;

#[test]
fn calls_are_counted_wherever_they_begin_and_end() {
    let status = Status::new(Head::default(), 0);
    assert_eq!(status.calls(), 0);
    let here = Call::begin(&status);
    let begin = || (0..3).map(|_| Call::begin(&status)).collect::<Vec<_>>();
    let (some, others) = thread::scope(|scope| {
        let threads = [scope.spawn(begin), scope.spawn(begin)];
        let [some, others] = threads.map(|thread| thread.join().unwrap());
        (some, others)
    });
    assert_eq!(status.calls(), 7);
    thread::scope(|scope| {
        scope.spawn(|| drop((here, some)));
    });
    assert_eq!(status.calls(), 3);
    drop(others);
    assert_eq!(status.calls(), 0);
}
