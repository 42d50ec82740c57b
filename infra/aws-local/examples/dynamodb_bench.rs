//! Figures for the embedded DynamoDB.

fn main() {}
