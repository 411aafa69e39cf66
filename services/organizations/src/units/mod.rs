//! Organizational units, and the tree that accounts are in.

mod create_organizational_unit;
mod delete_organizational_unit;
mod describe_organizational_unit;
mod list_children;
mod list_organizational_units_for_parent;
mod list_parents;
mod update_organizational_unit;

use api::organizations::{
    CreateOrganizationalUnit, DeleteOrganizationalUnit, DescribeOrganizationalUnit, ListChildren,
    ListOrganizationalUnitsForParent, ListParents, OrganizationalUnit,
    OrganizationalUnitNotFoundException, ParentNotFoundException, UpdateOrganizationalUnit,
};
use platform::{Error, Service};

use crate::organization::record::OrganizationRecord;

pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<CreateOrganizationalUnit>(create_organizational_unit::create_organizational_unit)
        .op::<DeleteOrganizationalUnit>(delete_organizational_unit::delete_organizational_unit)
        .op::<DescribeOrganizationalUnit>(
            describe_organizational_unit::describe_organizational_unit,
        )
        .op::<ListChildren>(list_children::list_children)
        .op::<ListOrganizationalUnitsForParent>(
            list_organizational_units_for_parent::list_organizational_units_for_parent,
        )
        .op::<ListParents>(list_parents::list_parents)
        .op::<UpdateOrganizationalUnit>(update_organizational_unit::update_organizational_unit)
}

/// The unit as AWS shows it.
fn shown(organization: &OrganizationRecord, id: &str) -> OrganizationalUnit {
    let unit = organization.units.get(id);
    OrganizationalUnit {
        id: Some(id.to_owned()),
        arn: Some(organization.arn(id)),
        name: unit.map(|unit| unit.name.clone()),
        path: Some(organization.path(id)),
    }
}

/// No such unit in the organization.
fn no_unit() -> Error {
    let message = "You specified an organizational unit that doesn't exist.";
    OrganizationalUnitNotFoundException::new(message).into()
}

/// No such root or unit in the organization.
pub(crate) fn no_parent() -> Error {
    ParentNotFoundException::new("You specified parent that doesn't exist.").into()
}
