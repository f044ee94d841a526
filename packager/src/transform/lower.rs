//! Prints a module anew: what erasing types cannot do. Owns: the order of swc's passes, and the source map.

use super::commonjs;
use super::compiler_options::{CompilerOptions, Jsx};
use super::dead::DeadBranches;
use super::define::{Define, Replace};
use super::fields::AssignFields;
use super::minify::minify;
use super::names::NameDecorated;
use super::namespaces;
use super::places;
use super::positions::Positions;
use crate::scan::{SyntaxError, range, syntax_of};
use std::path::Path;
use swc_core::common::comments::SingleThreadedComments;
use swc_core::common::errors::{HANDLER, Handler};
use swc_core::common::source_map::SourceMapGenConfig;
use swc_core::common::sync::Lrc;
use swc_core::common::{FileName, GLOBALS, Globals, Mark, SourceMap, Spanned, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::codegen::text_writer::JsWriter;
use swc_core::ecma::codegen::{Config, Emitter};
use swc_core::ecma::parser::{Parser, StringInput, lexer::Lexer};
use swc_core::ecma::transforms::base::helpers::{HELPERS, Helpers, inject_helpers};
use swc_core::ecma::transforms::base::{fixer::fixer, hygiene::hygiene, resolver};
use swc_core::ecma::transforms::module::{common_js, path::Resolver, util};
use swc_core::ecma::transforms::proposal::decorator_2023_11::decorator_2023_11;
use swc_core::ecma::transforms::proposal::decorators;
use swc_core::ecma::transforms::react;
use swc_core::ecma::transforms::typescript;
use swc_core::ecma::visit::VisitMutWith;

/// What is to be done to one file.
pub struct Job<'a> {
    pub path: &'a Path,
    pub text: &'a str,
    pub typescript: bool,
    pub jsx: bool,
    pub options: &'a CompilerOptions,
    /// `import` and `export` become `require` and `exports`.
    pub to_commonjs: bool,
    /// The result is CommonJS.
    pub commonjs: bool,
    pub defines: &'a [Define],
    pub minify: bool,
}

/// Code, and how to find back.
pub struct Printed {
    pub code: String,
    pub source_map: String,
    pub positions: Positions,
}

impl Job<'_> {
    pub fn run(&self) -> Result<Printed, SyntaxError> {
        let map: Lrc<SourceMap> = Lrc::default();
        let handler = Handler::with_emitter_writer(Box::new(std::io::sink()), Some(map.clone()));
        GLOBALS
            .set(&Globals::new(), || HANDLER.set(&handler, || HELPERS.set(&Helpers::new(false), || self.lower(&map))))
    }

    fn lower(&self, map: &Lrc<SourceMap>) -> Result<Printed, SyntaxError> {
        let file = map.new_source_file(FileName::Real(self.path.to_owned()).into(), self.text.to_owned());
        let comments = SingleThreadedComments::default();
        let mut program = self.parse(StringInput::from(&*file), &comments)?;
        let (unresolved, top_level) = (Mark::new(), Mark::new());
        program.mutate(resolver(unresolved, top_level, self.typescript));
        if !self.defines.is_empty() {
            let unresolved = SyntaxContext::empty().apply_mark(unresolved);
            program.visit_mut_with(&mut Replace { defines: self.defines, unresolved });
        }
        if self.minify || !self.defines.is_empty() {
            program.visit_mut_with(&mut DeadBranches);
        }
        if self.typescript {
            namespaces::join(&mut program);
            self.decorators(&mut program);
            if self.options.assign_fields {
                program.visit_mut_with(&mut AssignFields);
            }
            self.types(map, &comments, &mut program, unresolved, top_level);
        }
        if self.jsx {
            program.mutate(react::react(map.clone(), Some(&comments), self.react(), top_level, unresolved));
        }
        if self.to_commonjs {
            program.mutate(inject_helpers(unresolved));
            let prologue = commonjs::lower_exports(&mut program, unresolved);
            let modern = common_js::FeatureFlag { support_block_scoping: true, support_arrow: true };
            program.mutate(common_js::common_js(Resolver::Default, unresolved, commonjs_config(), modern));
            prologue.insert(&mut program);
        }
        program.mutate(inject_helpers(unresolved));
        if self.minify {
            program = minify(program, map, &comments, self.commonjs);
        } else {
            program.mutate(hygiene());
        }
        program.mutate(fixer(Some(&comments)));
        self.print(map, &comments, &program)
    }

    fn parse(&self, input: StringInput, comments: &SingleThreadedComments) -> Result<Program, SyntaxError> {
        let lexer = Lexer::new(syntax_of(self.path), EsVersion::latest(), input, Some(comments));
        let mut parser = Parser::new_from(lexer);
        let typescript_commonjs = self.typescript && self.commonjs;
        let program = match (self.commonjs, typescript_commonjs) {
            (_, true) => parser.parse_program(),
            (true, false) => parser.parse_commonjs().map(Program::Script),
            (false, false) => parser.parse_module().map(Program::Module),
        };
        program.map_err(|error| {
            let (start, end) = range(error.span());
            SyntaxError { message: error.kind().msg().into_owned(), start, end }
        })
    }

    fn decorators(&self, program: &mut Program) {
        // The pass renames in module items only.
        if let Program::Script(script) = program {
            let body = script.body.drain(..).map(ModuleItem::Stmt).collect();
            let (span, shebang) = (script.span, script.shebang.take());
            let mut module = Program::Module(Module { span, body, shebang });
            self.decorators(&mut module);
            if let Program::Module(Module { body, shebang, .. }) = module {
                script.body = body.into_iter().filter_map(ModuleItem::stmt).collect();
                script.shebang = shebang;
            }
            return;
        }
        if self.options.legacy_decorators {
            program.mutate(decorators::decorators(decorators::Config {
                legacy: true,
                emit_metadata: self.options.decorator_metadata,
                use_define_for_class_fields: !self.options.assign_fields,
            }));
        } else {
            program.visit_mut_with(&mut NameDecorated);
            program.mutate(decorator_2023_11());
        }
    }

    fn types(
        &self,
        map: &Lrc<SourceMap>,
        comments: &SingleThreadedComments,
        program: &mut Program,
        unresolved: Mark,
        top_level: Mark,
    ) {
        use typescript::{Config, TsImportExportAssignConfig as Assign, TsxConfig};
        let config = Config {
            verbatim_module_syntax: false,
            native_class_properties: !self.options.assign_fields,
            no_empty_export: self.to_commonjs,
            import_export_assign_config: if self.commonjs { Assign::Classic } else { Assign::NodeNext },
            ..Config::default()
        };
        if self.jsx {
            let tsx = TsxConfig {
                pragma: self.options.jsx_factory.clone().map(Into::into),
                pragma_frag: self.options.jsx_fragment_factory.clone().map(Into::into),
            };
            program.mutate(typescript::tsx(map.clone(), config, tsx, comments, unresolved, top_level));
        } else {
            program.mutate(typescript::typescript(config, unresolved, top_level));
        }
    }

    fn react(&self) -> react::Options {
        let options = self.options;
        let classic = options.jsx == Jsx::Classic;
        react::Options {
            runtime: Some(if classic { react::Runtime::Classic } else { react::Runtime::Automatic }),
            import_source: options.jsx_import_source.clone().filter(|_| !classic).map(Into::into),
            pragma: options.jsx_factory.clone().filter(|_| classic).map(Into::into),
            pragma_frag: options.jsx_fragment_factory.clone().filter(|_| classic).map(Into::into),
            development: Some(options.jsx == Jsx::Development),
            throw_if_namespace: Some(false),
            ..react::Options::default()
        }
    }

    fn print(
        &self,
        map: &Lrc<SourceMap>,
        comments: &SingleThreadedComments,
        program: &Program,
    ) -> Result<Printed, SyntaxError> {
        let mut bytes = Vec::new();
        let mut mappings = Vec::new();
        let config = Config::default().with_target(EsVersion::latest()).with_minify(self.minify);
        let mut emitter = Emitter {
            cfg: config,
            cm: map.clone(),
            comments: (!self.minify).then_some(comments),
            wr: JsWriter::new(map.clone(), "\n", &mut bytes, Some(&mut mappings)),
        };
        emitter.emit_program(program).map_err(|error| SyntaxError { message: error.to_string(), start: 0, end: 0 })?;
        let code = String::from_utf8_lossy(&bytes).into_owned();
        places::complete(&mut mappings, &code, self.text);
        let built = map.build_source_map(&mappings, None, MapOfFile);
        let mut json = Vec::new();
        built.to_writer(&mut json).map_err(|error| SyntaxError { message: error.to_string(), start: 0, end: 0 })?;
        let positions = Positions::new(&mappings, 1);
        Ok(Printed { code, source_map: String::from_utf8_lossy(&json).into_owned(), positions })
    }
}

/// `import`ed names as TypeScript's `esModuleInterop` has them; `import()` stays what it is, so that it can load ES modules.
fn commonjs_config() -> util::Config {
    util::Config {
        strict_mode: true,
        import_interop: Some(util::ImportInterop::Swc),
        export_interop_annotation: Some(true),
        ignore_dynamic: true,
        ..util::Config::default()
    }
}

/// A map names its one source by the file's name: it lies beside the code.
struct MapOfFile;

impl SourceMapGenConfig for MapOfFile {
    fn file_name_to_source(&self, file: &FileName) -> String {
        match file {
            FileName::Real(path) => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            other => other.to_string(),
        }
    }

    fn inline_sources_content(&self, _: &FileName) -> bool {
        false
    }
}
