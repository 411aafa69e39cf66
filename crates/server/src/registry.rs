//! The services that are served: one line each.

use lambda::Running;
use platform::Service;

/// All services. Functions do not run.
pub fn services() -> Vec<Service> {
    services_running(&Running::default())
}

/// All services. Functions run as soon as `running` does.
pub fn services_running(running: &Running) -> Vec<Service> {
    with(kms::service(), lambda::service_running(running))
}

/// The same as a development server has them.
pub fn development_services(running: &Running) -> Vec<Service> {
    with(kms::development_service(), lambda::service_running(running))
}

fn with(kms: Service, lambda: Service) -> Vec<Service> {
    vec![
        cloudtrail::service(),
        events::service(),
        iam::service(),
        iam::operator(),
        kms,
        lambda,
        logs::service(),
        organizations::service(),
        secretsmanager::service(),
        servicequotas::service(),
        sns::service(),
        sqs::service(),
        ssm::service(),
        ssm::operator(),
        sts::service(),
    ]
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_built_operation_has_a_handler() {
        for service in super::services() {
            assert_eq!(service.missing(), [] as [&str; 0], "{}", service.table.name);
        }
    }
}
