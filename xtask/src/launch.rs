//! How each generation of the server wants to be started.

use crate::error::Error;
use crate::journal;
use crate::wheel::check_version;

/// How to start a server. The default is an open server on a free port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Clients must log in with this password (2.x only).
    pub password: Option<String>,
    /// Clients that log in get restricted rights; needs a password.
    pub restricted: bool,
    /// Listen on this port instead of a free one.
    pub port: Option<u16>,
    /// Keep a journal in the working directory, so that tables outlive the process (2.x only).
    pub journal: bool,
}

/// The command line and the standard input of a server.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Launch {
    pub arguments: Vec<String>,
    /// The standard input must stay open instead of being empty.
    pub holds_stdin: bool,
}

pub(crate) fn launch(version: &str, port: u16, options: &Options) -> Result<Launch, Error> {
    check_version(version)?;
    // 0.6 and 1.x start a prompt that ends them at the end of input unless told otherwise; the others
    // either don't know the option or serve clients beside their prompt.
    let prompt = version.starts_with("1.") || version.starts_with("0.6.");
    let mut arguments = if prompt { vec!["-r".to_owned(), "0".to_owned()] } else { Vec::new() };
    arguments.extend(["-p".to_owned(), port.to_string()]);
    arguments.extend(login(version, options)?);
    arguments.extend(journaling(version, options)?);
    Ok(Launch { arguments, holds_stdin: prompt })
}

fn journaling(version: &str, options: &Options) -> Result<Vec<String>, Error> {
    match options.journal {
        false => Ok(Vec::new()),
        true if version.starts_with("2.") => Ok(vec!["-L".to_owned(), journal::NAME.to_owned()]),
        true => Err(Error::new(format!("RayforceDB {version} has no journal: it came with 2.0.0"))),
    }
}

fn login(version: &str, options: &Options) -> Result<Vec<String>, Error> {
    match (&options.password, options.restricted) {
        (None, false) => Ok(Vec::new()),
        (None, true) => Err(Error::new("a restricted server needs a password")),
        (Some(_), _) if version.starts_with("0.") || version.starts_with("1.") => {
            Err(Error::new(format!("RayforceDB {version} has no passwords: they came with 2.0.0")))
        }
        (Some(password), restricted) => {
            Ok(vec![if restricted { "-U" } else { "-u" }.to_owned(), password.clone()])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(version: &str, options: &Options) -> Result<(String, bool), String> {
        let launch = launch(version, 5000, options).map_err(|e| e.to_string())?;
        Ok((launch.arguments.join(" "), launch.holds_stdin))
    }

    #[test]
    fn each_generation_has_its_command_line() {
        let open = Options::default();
        for version in ["2.4.0", "2.0.0", "0.1.5", "0.2.2"] {
            assert_eq!(line(version, &open), Ok(("-p 5000".to_owned(), false)), "{version}");
        }
        for version in ["1.0.0", "0.6.3"] {
            assert_eq!(line(version, &open), Ok(("-r 0 -p 5000".to_owned(), true)), "{version}");
        }
    }

    #[test]
    fn passwords_are_for_2_only() {
        let plain = Options { password: Some("pw".to_owned()), ..Options::default() };
        let restricted = Options { restricted: true, ..plain.clone() };
        assert_eq!(line("2.4.0", &plain), Ok(("-p 5000 -u pw".to_owned(), false)));
        assert_eq!(line("2.0.0", &restricted), Ok(("-p 5000 -U pw".to_owned(), false)));
        for version in ["1.0.0", "0.1.5"] {
            assert!(line(version, &plain).is_err_and(|e| e.contains(version)), "{version}");
        }
    }

    #[test]
    fn journals_are_for_2_only() {
        let options = Options { journal: true, ..Options::default() };
        assert_eq!(line("2.4.0", &options), Ok(("-p 5000 -L journal".to_owned(), false)));
        for version in ["1.0.0", "0.1.5"] {
            assert!(line(version, &options).is_err_and(|e| e.contains(version)), "{version}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(line("2.4.0", &Options { restricted: true, ..Options::default() }).is_err());
        assert!(line("latest", &Options::default()).is_err());
    }
}
