//! The command line: verbs and flags, and what `--help` says of them.

use clap::{Args, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;

/// Turns a JavaScript or TypeScript project, its npm packages included, into one executable file.
#[derive(Debug, Parser)]
#[command(name = "pack", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub verb: Verb,
}

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Make an executable of a project
    Build(Build),
    /// Build in memory and run
    Run(Run),
    /// Show what is inside an executable, how large it is, and why it is there
    Inspect(Inspect),
    /// Run the runtime as a `node`, without an app
    Node(Node),
    /// Write the bare runtime to a file
    Stub(Stub),
}

/// What decides the executable.
#[derive(Clone, Debug, Default, Args)]
pub struct Project {
    /// Embed the files that match, relative to the folder of package.json; may be repeated
    #[arg(long, value_name = "GLOB", value_parser = filled)]
    pub include: Vec<String>,
    /// Leave requests for this package to the disk at run time; may be repeated
    #[arg(long, value_name = "NAME", value_parser = filled)]
    pub external: Vec<String>,
    /// Replace an expression by a JavaScript value: process.env.NODE_ENV='"production"'; may be repeated
    #[arg(long, value_name = "EXPR=VALUE", value_parser = definition)]
    pub define: Vec<(String, String)>,
    /// Add a condition of "exports" and "imports" in package.json; may be repeated
    #[arg(long = "conditions", short = 'C', value_name = "NAME", value_parser = filled)]
    pub conditions: Vec<String>,
    /// Start the program with these options of node, as in "--max-old-space-size=4096"; may be repeated
    #[arg(long, value_name = "OPTIONS", allow_hyphen_values = true)]
    pub exec_argv: Vec<String>,
    /// Let the executable read this variable, which node reads of itself; only NODE_EXTRA_CA_CERTS (a file of certificates
    /// to trust) can be allowed
    #[arg(long, value_name = "NAME", value_parser = ["NODE_EXTRA_CA_CERTS"])]
    pub allow_env: Vec<String>,
    /// The system that the executable is for; this `pack` carries a runtime for x86_64-unknown-linux-gnu (linux-x64) only
    #[arg(long, value_name = "TARGET", value_parser = target)]
    pub target: Option<String>,
    /// Take the runtime with a dynamic loader, which needs glibc; chosen by itself where a native addon is embedded
    #[arg(long)]
    pub dynamic: bool,
    /// What of ICU's data to embed: auto (what the program can reach), none (English only), full, or locales as in de,fr
    #[arg(long, value_name = "DATA", default_value = "auto", value_parser = filled)]
    pub intl: String,
    /// How much is compiled at build time: none, lazy (what modules run first), eager (every function)
    #[arg(long, value_name = "HOW", default_value = "lazy", value_parser = ["none", "lazy", "eager"])]
    pub code_cache: String,
    /// Run the program once while it is built, as in "app --help": what it uses is compiled; may be repeated
    #[arg(long, value_name = "COMMAND", value_parser = filled)]
    pub warmup: Vec<String>,
    /// Evaluate the program when it is built; what it gives to v8.startupSnapshot.setDeserializeMainFunction() runs at start. With a
    /// file or package: evaluate that in front of the entry, which runs at start; may be repeated
    #[arg(long, value_name = "MODULE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub snapshot: Option<Vec<String>>,
    /// Make the embedded JavaScript smaller
    #[arg(long)]
    pub minify: bool,
    /// Embed source maps also of minified JavaScript
    #[arg(long)]
    pub sourcemap: bool,
    /// Leave the text of JavaScript out of the file: all of it is compiled; names, places and strings stay
    #[arg(long)]
    pub no_source: bool,
    /// Compress embedded files, each by itself; the program unpacks in memory what it touches
    #[arg(long)]
    pub compress: bool,
    /// Threads that read and parse [default: one per core]
    #[arg(long, short, value_name = "N")]
    pub jobs: Option<usize>,
}

#[derive(Debug, Args)]
pub struct Build {
    /// The main file, or the folder whose package.json names it
    #[arg(default_value = ".")]
    pub entry: PathBuf,
    /// The executable [default: the entry's or package's name]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub project: Project,
    /// Print the summary as JSON on stdout
    #[arg(long)]
    pub json: bool,
    /// Print errors only
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    pub project: Project,
    /// The main file, or the folder whose package.json names it
    pub entry: PathBuf,
    /// Passed to the program as they are
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub arguments: Vec<OsString>,
}

#[derive(Debug, Args)]
pub struct Inspect {
    /// An executable that `pack build` made
    pub app: PathBuf,
    /// A file or package inside: say why it is there
    pub what: Option<String>,
    /// Print as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub struct Node {
    /// Passed to the runtime as they are
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub arguments: Vec<OsString>,
}

#[derive(Debug, Args)]
pub struct Stub {
    /// Where it goes
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// The one with a dynamic loader, which can load native addons and needs glibc
    #[arg(long)]
    pub dynamic: bool,
}

/// There is one so far: the flag is there to refuse the others by name, in a pipeline that builds for several.
fn target(text: &str) -> Result<String, String> {
    const TARGET: &str = "x86_64-unknown-linux-gnu";
    match text {
        TARGET | "linux-x64" => Ok(TARGET.to_owned()),
        _ => Err(format!("this `pack` carries no runtime for it, only for {TARGET} (linux-x64)")),
    }
}

/// An empty value is mostly a variable of a script that is not set.
fn filled(text: &str) -> Result<String, String> {
    if text.trim().is_empty() { Err("it is empty".to_owned()) } else { Ok(text.to_owned()) }
}

fn definition(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("expected EXPR=VALUE".to_owned()),
    }
}
