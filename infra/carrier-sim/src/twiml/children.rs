//! What may stand in an element.

use roxmltree::Node;

use super::TwimlError;

/// The element children, all of which must have one of these names.
pub(super) fn only_children<'a, 'input>(
    node: Node<'a, 'input>,
    names: &[&str],
) -> Result<Vec<Node<'a, 'input>>, TwimlError> {
    let children: Vec<Node<'a, 'input>> = node.children().filter(Node::is_element).collect();
    match children
        .iter()
        .find(|child| !names.contains(&child.tag_name().name()))
    {
        Some(stranger) => Err(TwimlError::parse(format!(
            "<{}> may not stand in <{}>; allowed: {}",
            stranger.tag_name().name(),
            node.tag_name().name(),
            names.join(", ")
        ))),
        None => Ok(children),
    }
}
