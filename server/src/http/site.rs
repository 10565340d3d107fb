//! The built site on disk: its place, the names of its files, and their caching.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::Response;
use leptos::config::LeptosOptions;
use tower_http::services::{ServeDir, ServeFile};

/// The base name of the browser's files, as in `[[workspace.metadata.leptos]]`.
const OUTPUT_NAME: &str = "docket";
/// The folder of the generated files below the root.
const GENERATED: &str = "pkg";
/// The file with the hash of each generated file, one `kind: hash` a line.
const HASH_FILE: &str = "hash.txt";

/// A file name with a hash never changes its content.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Pictures keep their name when they change, so they are revalidated after an hour.
const ONE_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");
/// `cargo leptos watch` rebuilds under plain names, so browsers revalidate each time.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

/// The folder of everything that a browser downloads beside the pages.
#[derive(Debug, Clone)]
pub struct Site {
    root: PathBuf,
    options: LeptosOptions,
}

/// No built site was found.
#[derive(Debug, thiserror::Error)]
#[error(
    "The built site is not in {}: run `cargo xtask build`, or set LEPTOS_SITE_ROOT to its folder.",
    tried.iter().map(|place| place.display().to_string()).collect::<Vec<_>>().join(" or ")
)]
pub struct SiteNotFound {
    tried: Vec<PathBuf>,
}

impl Site {
    /// Finds the site: `LEPTOS_SITE_ROOT`, else `site` beside this program (a deployment), else `site` in the target
    /// folder of this program.
    pub fn find() -> Result<Self, SiteNotFound> {
        let program = env::current_exe().unwrap_or_default();
        let places: Vec<PathBuf> = match env::var_os("LEPTOS_SITE_ROOT") {
            Some(root) => vec![root.into()],
            None => program.ancestors().skip(1).take(2).map(|folder| folder.join("site")).collect(),
        };
        match places.iter().find(|place| place.join(GENERATED).is_dir()) {
            Some(root) => Ok(Self::at(root)),
            None => Err(SiteNotFound { tried: places }),
        }
    }

    /// Returns the site in this folder. Without a hash file its names are plain, as `cargo leptos watch` leaves them.
    pub fn at(root: &Path) -> Self {
        // Leptos joins the hash file to the program's folder; an absolute path overrides that.
        let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
        let hash_file = root.join(HASH_FILE);
        let watched = env::var_os("LEPTOS_WATCH").is_some();
        let options = LeptosOptions::builder()
            .output_name(OUTPUT_NAME)
            .site_root(root.to_string_lossy())
            .site_pkg_dir(GENERATED)
            .hash_files(!watched && hash_file.is_file())
            .hash_file(hash_file.to_string_lossy().into())
            .build();
        Self { root, options }
    }

    /// Returns the options that the page shell needs to name the files.
    pub fn options(&self) -> &LeptosOptions {
        &self.options
    }

    /// Returns one route for each file and folder, so that no other path reads from the disk.
    pub fn routes<S: Clone + Send + Sync + 'static>(&self) -> io::Result<Router<S>> {
        let mut generated = Router::new();
        let mut pictures = Router::new();
        for entry in self.entries()? {
            let path = self.root.join(&entry);
            let address = format!("/{entry}");
            if entry == GENERATED {
                generated = generated.nest_service(&address, precompressed(&path));
            } else if path.is_dir() {
                pictures = pictures.nest_service(&address, precompressed(&path));
            } else {
                let file = ServeFile::new(path).precompressed_br().precompressed_gzip();
                pictures = pictures.route_service(&address, file);
            }
        }
        let lasting = if self.options.hash_files { IMMUTABLE } else { REVALIDATE };
        Ok(cached(generated, lasting).merge(cached(pictures, ONE_HOUR)))
    }

    /// Returns the top-level names that have a route.
    fn entries(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.root)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name != HASH_FILE && !name.ends_with(".br") && !name.ends_with(".gz") {
                names.push(name);
            }
        }
        Ok(names)
    }
}

fn precompressed(folder: &Path) -> ServeDir {
    ServeDir::new(folder).append_index_html_on_directories(false).precompressed_br().precompressed_gzip()
}

/// Sets how long a browser may cache a file. A missing file may exist later, so that answer is not cached.
fn cached<S: Clone + Send + Sync + 'static>(files: Router<S>, lasting: HeaderValue) -> Router<S> {
    files.layer(map_response(move |mut answer: Response| {
        let lasting = lasting.clone();
        async move {
            if answer.status().is_success() || answer.status() == StatusCode::NOT_MODIFIED {
                answer.headers_mut().insert(header::CACHE_CONTROL, lasting);
            }
            answer
        }
    }))
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use tempfile::TempDir;
    use tower::ServiceExt;

    use super::*;

    fn built() -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("pkg")).unwrap();
        fs::create_dir_all(folder.path().join("products")).unwrap();
        for (name, content) in [
            (HASH_FILE, "js: 1\nwasm: 2\ncss: 3\n"),
            ("pkg/docket.3.css", "a style"),
            ("pkg/docket.3.css.br", "compressed"),
            ("products/mug.svg", "<svg/>"),
            ("favicon.svg", "<svg/>"),
        ] {
            fs::write(folder.path().join(name), content).unwrap();
        }
        folder
    }

    async fn get(site: &Site, path: &str) -> Response {
        let request = Request::get(path).header(header::ACCEPT_ENCODING, "br").body(Body::empty()).unwrap();
        site.routes::<()>().unwrap().oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn a_file_with_a_hash_in_its_name_is_compressed_and_immutable() {
        let folder = built();
        let answer = get(&Site::at(folder.path()), "/pkg/docket.3.css").await;
        assert_eq!(answer.headers()[header::CACHE_CONTROL], IMMUTABLE);
        assert_eq!(answer.headers()[header::CONTENT_ENCODING], "br");
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/css");
        assert_eq!(to_bytes(answer.into_body(), 100).await.unwrap(), "compressed");
    }

    #[tokio::test]
    async fn a_picture_is_asked_for_again_after_a_while() {
        let folder = built();
        for path in ["/products/mug.svg", "/favicon.svg"] {
            let answer = get(&Site::at(folder.path()), path).await;
            assert_eq!(answer.status(), StatusCode::OK);
            assert_eq!(answer.headers()[header::CACHE_CONTROL], ONE_HOUR);
        }
    }

    #[tokio::test]
    async fn a_missing_file_is_not_cached() {
        let folder = built();
        let answer = get(&Site::at(folder.path()), "/pkg/docket.9.css").await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        assert!(!answer.headers().contains_key(header::CACHE_CONTROL));
    }

    #[tokio::test]
    async fn files_outside_the_site_cannot_be_read() {
        let folder = built();
        for path in ["/hash.txt", "/pkg/../hash.txt", "/products/%2e%2e/hash.txt"] {
            assert_eq!(get(&Site::at(folder.path()), path).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[test]
    fn file_names_are_plain_without_a_hash_file() {
        let folder = built();
        assert!(Site::at(folder.path()).options().hash_files);
        fs::remove_file(folder.path().join(HASH_FILE)).unwrap();
        assert!(!Site::at(folder.path()).options().hash_files);
    }
}
