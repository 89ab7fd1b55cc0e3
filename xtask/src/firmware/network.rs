//! A network of nothing but loopback.

use std::fs;

use crate::line::Line;

/// How a network namespace is had here.
pub fn namespace() -> Result<&'static str, String> {
    let ways = ["unshare --net", "unshare --net --map-root-user"];
    ways.into_iter().find(|way| Line::new(&format!("{way} true")).succeeds()).ok_or_else(|| {
        "`unshare` can make no network namespace here: that needs Linux, and root or user namespaces"
            .to_owned()
    })
}

/// Runs this program anew in such a namespace, with these words.
pub fn alone(namespace: &str, words: &[&str]) -> Result<(), String> {
    let own = std::env::current_exe().map_err(|e| format!("this program cannot be found: {e}"))?;
    let own = own.to_str().ok_or("the path of this program is no text")?;
    let line = namespace.split(' ').chain([own]).chain(words.iter().copied());
    Line::of(line.map(str::to_owned).collect()).run()
}

/// Switches loopback on, and sees that there is nothing else.
pub fn loopback() -> Result<(), String> {
    let devices =
        fs::read_to_string("/proc/net/dev").map_err(|e| format!("/proc/net/dev cannot be read: {e}"))?;
    if devices.lines().filter(|line| line.contains(':')).any(|line| !line.trim_start().starts_with("lo:")) {
        return Err("there is more than loopback here: this is for a network namespace of its own".to_owned());
    }
    let switched_on = Line::new("ip link set lo up").succeeds()
        || Line::new("ifconfig lo up").succeeds()
        || Line::of(["python3", "-c", SWITCH_ON].map(str::to_owned).to_vec()).succeeds();
    if switched_on {
        return Ok(());
    }
    Err("loopback cannot be switched on: that takes `ip`, `ifconfig` or `python3`".to_owned())
}

/// `SIOCSIFFLAGS` with `IFF_UP | IFF_RUNNING`, for a system without `ip`.
const SWITCH_ON: &str = "import fcntl, socket, struct; \
    fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sh14x', b'lo', 0x41))";
