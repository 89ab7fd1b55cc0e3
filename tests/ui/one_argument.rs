//! The arguments of a call are a tuple, a single one as well.

use rayforce_ipc::query::call;

fn main() {
    let _ = call("my_function", "ibm");
}
