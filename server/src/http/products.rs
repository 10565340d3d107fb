//! `GET /products` and `GET /products/{sku}`.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use orders::{ProblemCode, ProductQuery};

use super::conditional::hashed_json;
use super::failure::Failure;
use super::query::{Query, page_size};
use super::state::HttpState;

/// Lists the catalogue.
pub async fn list(
    State(state): State<HttpState>,
    Query(mut query): Query<ProductQuery>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    query.page_size = Some(page_size(query.page_size, 50, 100)?);
    hashed_json(&headers, &state.orders.products(&query).await?)
}

/// Returns one product.
pub async fn one(
    State(state): State<HttpState>,
    sku: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let Path(sku) = sku.map_err(|_| ProblemCode::NotFound)?;
    hashed_json(&headers, &state.orders.product(&sku).await?)
}
